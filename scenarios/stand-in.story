# The station was down, and the node collected in its place: receipts come for notices that nobody has activated.
notice A is 302000000000010190
notice B is 302000000000010293
receipt r1 for A of 120.00 with standIn: OK
verify A: KO PAA_PAGAMENTO_DUPLICATO
# An older release of the node writes the mark beside the receipt; the amount is that of the archive, not today's.
receipt r2 for B of 100.00 with standin: OK
verify B: KO PAA_PAGAMENTO_DUPLICATO
# Every five minutes the node asks whether the station is back.
probe: KO PAA_PAGAMENTO_SCONOSCIUTO
