import { provision } from 'wwdb/testing'

/** One test environment for the whole run; the workers find it by their environment. */
export default async function setup() {
  const environment = await provision()
  Object.assign(process.env, environment.environment)
  return () => environment.dispose()
}
