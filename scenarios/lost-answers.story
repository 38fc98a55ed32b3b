# The network cuts connections and repeats requests. Nothing is lost, and nothing counts twice.
notice A is 302000000000010190
notice B is 302000000000010293
cut the request, then verify A: OK 120.00
cut the answer, then activate A: OK 120.00
# Half a receipt is no receipt: the node sends it again, and it is the first.
cut the request, then receipt r1 for A: OK
verify A: KO PAA_PAGAMENTO_DUPLICATO

# Here the receipt arrived and the answer got lost: the node sends it again, and it is known already.
twice, activate B: OK 120.00
cut the answer, then receipt r2 for B: KO PAA_RECEIPT_DUPLICATA

# A receipt that comes twice is stored once.
twice, receipt r3 for B of 120.00: KO PAA_RECEIPT_DUPLICATA
