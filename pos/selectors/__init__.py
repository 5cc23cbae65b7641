"""Reading what tills said. All instants are the till's own clock."""
