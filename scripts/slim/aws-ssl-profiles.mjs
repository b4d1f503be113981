// Replaces the certificates of one cloud in the bundle (250 KB): tls.ca in the configuration names any authority.
export const ca = []
