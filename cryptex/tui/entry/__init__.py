"""The screens before trading: which node, and who you are."""
