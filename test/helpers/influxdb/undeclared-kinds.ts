import type { Declaration } from '../../../src/stores/influxdb/declaration.ts'

/** What a declaration has of the kinds that most tests are not about: nothing. */
export const noOtherKinds: Pick<Declaration, 'tasks' | 'checks' | 'endpoints' | 'rules' | 'labels'> = {
  tasks: [],
  checks: [],
  endpoints: [],
  rules: [],
  labels: [],
}
