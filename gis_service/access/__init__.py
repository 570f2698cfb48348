"""Who may see and do what: accounts, sign-in, scope, trail."""
