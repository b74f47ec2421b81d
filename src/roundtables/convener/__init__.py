"""Conveners: who runs roundtables. Accounts, roles, sign-in links, API tokens."""
