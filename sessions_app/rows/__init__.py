"""What a page shows: each thing as a row, rendered alike for the page, the answer to a form and the socket."""
