"""A walker of single packets through an EC2 network, written from the documentation and meant to be read."""
