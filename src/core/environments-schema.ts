/** The schema of the registry of test environments. The registry outlives the environments that it records. */
export const environmentsSchema = 'wwdb_provision'
