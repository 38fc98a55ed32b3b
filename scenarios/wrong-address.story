# What is addressed to somebody else is refused, by the name of what is wrong.
the station is broker 99999999999, station 99999999999_01, EC 77777777777
notice A is 302000000000010190
verify 302999999999999942: KO PAA_PAGAMENTO_SCONOSCIUTO
activate 302999999999999942: KO PAA_PAGAMENTO_SCONOSCIUTO
# Money for a notice that nobody knows is kept all the same.
receipt r1 for 302999999999999942 of 50.00: OK

the station is broker 11111111111
verify A: KO PAA_ID_INTERMEDIARIO_ERRATO
receipt r2 for A of 120.00: KO PAA_ID_INTERMEDIARIO_ERRATO
# The probe is answered whatever else is wrong, or the station would never leave stand-in.
probe: KO PAA_PAGAMENTO_SCONOSCIUTO
the station is broker 99999999999, station 99999999999_77
verify A: KO PAA_STAZIONE_INT_ERRATA
the station is station 99999999999_01, EC 11111111111
verify A: KO PAA_ID_DOMINIO_ERRATO
the station is EC 77777777777
verify A: OK 120.00
