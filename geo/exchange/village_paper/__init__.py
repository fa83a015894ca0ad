"""The parts of a village's profile on paper; `geo.exchange.village_profile_pdf` puts them together."""
