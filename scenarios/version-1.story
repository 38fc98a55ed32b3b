# A station that is registered with version 1: paGetPayment and paSendRT.
the station is version 1
notice A is 302000000000010190
notice B is 302000000000010293
verify A: OK 120.00
activate A: OK 120.00
receipt r1 for A: OK
receipt r1 for A again: KO PAA_RECEIPT_DUPLICATA
# The registration changes; what was paid stays paid.
the station is version 2
verify A: KO PAA_PAGAMENTO_DUPLICATO
pay B: OK 120.00
