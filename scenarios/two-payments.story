# Two payments of the same notice: reading it twice locks nothing, and money that was taken is never refused.
notice A is 302000000000010190
verify A: OK 120.00
activate A as POSTAL: OK 120.00
# A second provider activates it too, for what its payer saw; the station answers what is due.
activate A as PAGOPA of 99.00: OK 120.00
receipt r1 for A: OK
receipt r1 for A again: KO PAA_RECEIPT_DUPLICATA
# The second provider's money has moved as well: a double payment, which the institution has to give back.
receipt r2 for A of 120.00: OK
receipt r1 for A again: KO PAA_RECEIPT_DUPLICATA
