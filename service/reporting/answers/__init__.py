"""Parts of answers that say more than the numbers: how sure they are, how long dossiers took."""
