"""What people can do: every write a person causes. Keyword-only functions; a view calls one and shows the outcome."""
