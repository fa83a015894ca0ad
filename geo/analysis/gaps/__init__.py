"""Where responsibility has gaps (domain §4): what is wrong, where, by how much, since when, and who acts."""
