/** The schema of the registry of test environments: what makes and drops these is recorded there, as it outlives them. */
export const environmentsSchema = 'wwdb_provision'
