"""What does it add up to? A library: no HTTP, no ORM. Fact tables in, figures and decisions out."""
