"""The law as dated data: packs of rules, tables of working days, and the sentences by which an event is explained."""
