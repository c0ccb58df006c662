// À vous : lisez les cartes, puis montrez celles qui répondent oui.
