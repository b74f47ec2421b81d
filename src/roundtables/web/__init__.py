"""What every page shares: forms, layouts, security headers, problem+json, the drawing of the table. Knows no noun."""
