import { expect, test } from 'vitest'
import type { ObservedAccess } from '../../../src/stores/elasticsearch/access-ports.ts'
import { importMappings, importRoles, importUsers } from '../../../src/stores/elasticsearch/import-access.ts'
import { importTasks } from '../../../src/stores/influxdb/import-tasks.ts'

const mark = { managed_by: 'wwdb', prefix: '', made_sha256: 'x', spec_sha256: 'y', description: 'Ships logs' }
const access: ObservedAccess = {
  type: 'on',
  roles: new Map([['writer', { cluster: [], indices: [], metadata: { ...mark, team: 'logs' }, rest: {} }]]),
  users: new Map([
    ['plain', { roles: [], enabled: true, metadata: mark, fullName: null, email: '', passwordMatches: null }],
    [
      'shipper',
      { roles: [], enabled: true, metadata: { team: 'a' }, fullName: 'Ship', email: 'a@b', passwordMatches: null },
    ],
  ]),
  mappings: new Map([
    ['staff', { roles: [], rules: {}, enabled: true, metadata: { ...mark, owner: 'a' }, templates: [] }],
  ]),
  own: null,
  mapped: [],
}

test('an import says what of a role, a user or a mapping no file can declare', () => {
  const all = [importRoles(access), importUsers(access, null), importMappings(access)].flatMap(({ items }) => items)
  expect(all.map(({ resource, undeclarable }) => [resource.name, undeclarable])).toEqual([
    ['writer', ['`team` of its metadata']],
    ['plain', []],
    ['shipper', ['its full name', 'its mail address', '`team` of its metadata']],
    ['staff', ['`owner` of its metadata']],
  ])
})

test('an import says which labels of a task no file can declare with it', () => {
  const task: Parameters<typeof importTasks>[0]['tasks'][number] = JSON.parse(
    '{"id":"1","name":"own","description":"","flux":"x","every":"1h","cron":"","offset":"","active":true,"labels":["l1"]}',
  )
  const label = { id: 'l1', name: 'by hand', color: '', description: '' }
  const content: Parameters<typeof importTasks>[0] = JSON.parse('{"tasks":[],"labels":[]}')
  const { items } = importTasks({ ...content, tasks: [task], labels: [label, { ...label, id: 'l2' }] })
  expect(items.map(({ undeclarable }) => undeclarable)).toEqual([['its label `by hand`']])
})
