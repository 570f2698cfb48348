"""How long what is kept: the rules, and forgetting what they no longer allow."""
