"""No table of its own: `migrate` tells only apps with a models module that it is done, and the guards listen."""
