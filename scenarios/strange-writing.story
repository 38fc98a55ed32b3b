# XML can be written in many ways, and all of them mean the same.
notice A is 302000000000010190
notice B is 302000000000010293
the node writes strangely, seed 7
probe: KO PAA_PAGAMENTO_SCONOSCIUTO
verify A: OK 120.00
verify A: OK 120.00
verify A: OK 120.00
activate A as PAGOPA: OK 120.00
activate A: OK 120.00
receipt r1 for A: OK
receipt r1 for A again: KO PAA_RECEIPT_DUPLICATA
the node writes strangely, seed 8
pay B: OK 120.00
the node writes plainly
verify B: KO PAA_PAGAMENTO_DUPLICATO
