import { expect, test } from 'vitest'
import { offlineContext } from '../../helpers/tool/offline-context.ts'

test('a context has at most ten members', () => {
  expect(Object.keys(offlineContext('/project')).length).toBeLessThanOrEqual(10)
})
