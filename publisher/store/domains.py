"""The domain of a reader's address, as an expression both databases know; serves the sheets. Pure."""

# Trimming all that is no at sign off the end leaves what stands before the domain. Who was erased
# has no address, and so no domain.
DOMAIN = (
    "COALESCE(substr(s.address,"
    " NULLIF(length(rtrim(s.address, replace(s.address, '@', ''))), 0) + 1), '')"
)
