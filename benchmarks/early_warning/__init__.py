"""Death in intensive care, foretold as early as a clinic's constraint allows."""
