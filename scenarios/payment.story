# A citizen looks at a notice, pays it, and the creditor institution hears of it.
notice A is 302000000000010190
probe: KO PAA_PAGAMENTO_SCONOSCIUTO
verify A: OK 120.00
activate A: OK 120.00
receipt r1 for A: OK

# From now on nobody can pay it again.
verify A: KO PAA_PAGAMENTO_DUPLICATO
activate A: KO PAA_PAGAMENTO_DUPLICATO
