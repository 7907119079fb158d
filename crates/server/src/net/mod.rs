//! Everything between a socket and a question: hosts, origins, keys, limits, headers.
