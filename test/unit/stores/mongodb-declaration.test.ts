import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import published from '../../../schemas/mongodb-declaration.schema.json' with { type: 'json' }
import type { DeclarationDocument } from '../../../src/stores/declare/read-declarations.ts'
import { readDeclarationDocument, readDeclarations } from '../../../src/stores/declare/read-declarations.ts'

import { jsonSchema, readDeclaration } from '../../../src/stores/mongodb/schema.ts'

function read(...texts: readonly string[]) {
  const documents = texts.map((text, at): DeclarationDocument => {
    const document = readDeclarationDocument(text, `${at + 1}.yaml`)
    if (!('value' in document)) throw new Error(JSON.stringify(document))
    return document
  })
  return readDeclaration(documents)
}

/** What is wrong, each with its place: `1.yaml:3:5 sentence advice`. */
function faultsOf(...texts: readonly string[]): readonly string[] {
  const reading = read(...texts)
  if (reading.type === 'declaration') return []
  return reading.faults.map(
    ({ what, where, next }) =>
      `${where?.file}:${where?.line}:${where?.column} ${what}${next === undefined ? '' : ` ${next}`}`,
  )
}

function declared(...texts: readonly string[]) {
  const reading = read(...texts)
  if (reading.type === 'faults') throw new Error(JSON.stringify(reading.faults))
  return reading.declaration
}

describe('the declaration of MongoDB', () => {
  it('gives an index the collation of its collection, where it has none and may have one', () => {
    const [database] = declared(`
databases:
  app:
    collections:
      names:
        collation: { locale: de }
        indexes:
          - key: { a: 1 }
          - { key: { b: 1 }, collation: { locale: fr } }
          - { key: { c: 1 }, collation: { locale: simple } }
          - key: { d: text }
      bytes:
        collation: { locale: simple }
        indexes: [key: { a: 1 }]
`).databases
    const seen = database?.collections.map(({ collation, indexes }) => [collation, indexes.map((one) => one.collation)])
    expect(seen).toEqual([
      [{ locale: 'de' }, [{ locale: 'de' }, { locale: 'fr' }, null, null]],
      [null, [null]],
    ])
  })

  it('fills in what is not written', () => {
    expect(
      declared(`
replicaSet:
  name: rs0
  members:
    - host: db1:27017
    - { host: db2:27017, votes: 0, address: 10.0.0.2:27017 }
    - { host: db3:27017, hidden: true }
  settings: { electionTimeout: 10s }
databases:
  app:
    collections:
      notes:
        validator: { schema: { bsonType: object } }
        indexes:
          - key: { at: 1, by: -1 }
          - { key: { at: 1 }, expireAfter: 2 days }
roles:
  writer: { database: app, privileges: [{ database: app, actions: [find] }] }
users:
  ann: { password: secret, roles: [{ role: writer, database: app }] }
`),
    ).toMatchObject({
      replicaSet: {
        members: [
          { host: 'db1:27017', address: 'db1:27017', votes: 1, priority: 1, hidden: false, tags: {} },
          { address: '10.0.0.2:27017', votes: 0, priority: 0 },
          { votes: 1, priority: 0, hidden: true },
        ],
        settings: { electionTimeoutMillis: 10_000, heartbeatIntervalMillis: null },
      },
      databases: [
        {
          collections: [
            {
              validator: { level: 'strict', action: 'error' },
              indexes: [
                { name: 'at_1_by_-1', expireAfterSeconds: null },
                { name: 'at_1', expireAfterSeconds: 172_800 },
              ],
            },
          ],
        },
      ],
      roles: [{ database: 'app', privileges: [{ resource: { type: 'collection', collection: '' } }] }],
      users: [{ name: 'ann', database: 'admin' }],
    })
  })

  it('puts a database together from several files', () => {
    const { databases } = declared(
      'databases: { app: { collections: { a: {} } } }',
      'databases: { app: { collections: { b: {} } } }',
    )
    expect(databases).toMatchObject([{ name: 'app', collections: [{ name: 'a' }, { name: 'b' }] }])
  })

  it('reads the other kinds, and the defaults', () => {
    expect(
      declared(`
databases:
  app:
    collections:
      log: { capped: { size: 5000b } }
      values: { timeSeries: { timeField: at, expireAfter: 1 day } }
    views: { v: { on: log, pipeline: [] } }
defaults: { writeConcern: { w: 2 } }
profiling: { databases: { app: all } }
`),
    ).toMatchObject({
      databases: [
        {
          // The server rounds up to 256 bytes.
          collections: [
            { name: 'log', capped: { bytes: 5120, documents: null }, timeSeries: null, preImages: null },
            { timeSeries: { timeField: 'at', metaField: null, granularity: null, expireAfterSeconds: 86_400 } },
          ],
          views: [{ name: 'v', on: 'log', pipeline: [], collation: null }],
        },
      ],
      defaults: { readConcern: null, writeConcern: { w: 2, timeoutMillis: 0 } },
      profiling: { slowMillis: null, databases: [{ name: 'app', level: 'all' }] },
    })
  })

  it.each([
    ['capped: { size: 1mb }, timeSeries: { timeField: t }', 'capped is not allowed for a time series collection'],
    ['timeSeries: { timeField: t }, validator: { schema: {} }', 'validator is not allowed for a time series'],
    ['timeSeries: { timeField: t }, indexes: [{ key: { a: 1 }, unique: true }]', 'unique is not allowed'],
    ['timeSeries: { timeField: t }, indexes: [{ key: { a: text } }]', 'key.a is not allowed'],
    ['timeSeries: { timeField: t, metaField: t }', 'metaField is the field with the time'],
    ['capped: { size: 1mb }, indexes: [{ key: { a: 1 }, expireAfter: 1 day }]', 'cannot be combined with an index'],
    ['capped: { size: "64" }', 'must be a size with a unit'],
  ])('a kind of collection does not have: %s', (part, message) => {
    expect(faultsOf(`databases: { app: { collections: { a: { ${part} } } } }`).join()).toContain(message)
  })

  it.each([
    ['{ on: a, pipeline: [] }', 'has the name of a collection'],
    ['{ on: b, pipeline: [{ $out: c }] }', 'pipeline[0] writes, which a view cannot'],
  ])('a view is not: %s', (view, message) => {
    expect(faultsOf(`databases: { app: { collections: { a: {} }, views: { a: ${view} } } }`).join()).toContain(message)
  })

  it('a view does not read itself', () => {
    expect(faultsOf('databases: { app: { views: { v: { on: v, pipeline: [] } } } }').join()).toContain(
      'the view itself',
    )
  })

  it.each([
    ['datbases: {}', '1.yaml:1:1 datbases is not a known key. Did you mean `databases`?'],
    [
      'databases: { app: { collections: { a: { indexes: [{ key: { x: 2 } }] } } } }',
      '1.yaml:1:60 databases.app.collections.a.indexes[0].key.x must be 1, -1, "text"',
    ],
    [
      'databases: { app: { collections: { a: { indexes: [{ key: { x: "1" } }] } } } }',
      'key.x must be 1, -1, "text", "2dsphere" or "hashed", not "1".',
    ],
    [
      'databases: { app: { collections: { a: { indexes: [{ key: { x: 1 }, expireAfterSeconds: 90 }] } } } }',
      'expireAfterSeconds is not a known key. Did you mean `expireAfter`?',
    ],
    [
      'databases: { app: { collections: { a: { indexes: [{ key: { x: 1 }, partialFilterExpression: {} }] } } } }',
      'partialFilterExpression is not a known key. Did you mean `partialFilter`?',
    ],
    [
      'databases: { app: { collections: { a: { validator: { $jsonSchema: {} } } } } }',
      '$jsonSchema is not a known key. Did you mean `schema`?',
    ],
    [
      'databases: { app: { collections: { a: { indexes: [{ key: { x: 1 }, expireAfter: 90 }] } } } }',
      'expireAfter must be a string, not 90',
    ],
    [
      'databases: { app: { collections: { a: { indexes: [{ key: { x: 1 }, expireAfter: 90 dayz }] } } } }',
      'expireAfter must be a duration with a unit, such as "90 days".',
    ],
    [
      'databases: { app: { collections: { a: { indexes: [{ key: { x: 1, y: 1 }, expireAfter: 1 day }] } } } }',
      'requires an index on one field, 1 or -1, other than _id.',
    ],
    [
      'databases: { app: { collections: { a: { indexes: [{ key: { x: 1 } }, { key: { x: 1 } }] } } } }',
      '1.yaml:1:70 databases.app.collections.a.indexes[1] shares the name x_1 with another index. Give it a `name`.',
    ],
    [
      'databases: { app: { collections: { a: { indexes: [{ key: { x: 1 }, weights: { x: 2 } }] } } } }',
      'weights.x is not a text field of this index.',
    ],
    [
      'databases: { app: { collections: { a: { validator: { schema: { propertys: {} } } } } } }',
      'propertys is not known to MongoDB’s JSON Schema. Did you mean `properties`?',
    ],
    [
      'databases: { app: { collections: { a: { validator: { schema: { properties: { x: { bsonType: integer } } } } } } } }',
      'names the type "integer", which BSON does not have.',
    ],
    [
      'databases: { app: { collections: { a: { validator: { schema: { properties: { x: { items: { anyOf: [{ bsonTyp: int }] } } } } } } } } }',
      'items.anyOf[0].bsonTyp is not known',
    ],
    ['databases: { "a b": { collections: {} } }', 'is not a valid name'],
    ['databases: { app: { collections: { system.x: {} } } }', 'is not a valid name'],
    [
      'replicaSet: { name: rs0, members: [{ host: db1 }] }',
      'host must be a host with a port, such as `db1.example:27017`.',
    ],
    [
      'replicaSet: { name: rs0, members: [{ host: a:1 }, { host: A:1 }] }',
      '1.yaml:1:53 replicaSet.members[1].host is named twice. Keep one of them.',
    ],
    [
      'replicaSet: { name: rs0, members: [{ host: a:1 }, { host: b:1, votes: 0, priority: 1 }] }',
      'priority must be 0 for a member without a vote.',
    ],
    [
      'replicaSet: { name: rs0, members: [{ host: a:1, priority: 0 }] }',
      'replicaSet.members has no member that could become primary.',
    ],
    [
      `replicaSet: { name: rs0, members: [${Array.from({ length: 8 }, (_, at) => `{ host: h${at}:1 }`).join(', ')}] }`,
      'has 8 voting members; MongoDB allows 7.',
    ],
    [
      'roles: { a: { roles: [{ role: redWrite, database: app }] } }',
      '1.yaml:1:25 roles.a.roles[0].role names `redWrite`, which is neither built in nor declared in `app`. Did you mean `readWrite`?',
    ],
    [
      'roles: { a: { roles: [{ role: b, database: admin }] }, b: { roles: [{ role: a, database: admin }] } }',
      'roles.a.roles inherits itself indirectly.',
    ],
    [
      'roles: { a: { privileges: [{ actions: [find] }] } }',
      'does not say what it applies to. Add `database`, or `cluster: true`.',
    ],
    [
      '{ databases: { app: { collections: { notes: {} } } }, roles: { a: { privileges: [{ database: app, collection: note, actions: [find] }] } } }',
      'names `note`, which `app` does not declare. Did you mean `notes`?',
    ],
    [
      'users: { ann: { password: x, roles: [{ role: nobody, database: admin }] } }',
      'neither built in nor declared in `admin`.',
    ],
  ])('refuses %s', (text, sentence) => {
    expect(faultsOf(text).join('\n')).toContain(sentence)
  })

  it('refuses what two files declare', () => {
    expect(faultsOf('roles: { a: {} }', 'roles: { a: {} }')).toEqual([
      '2.yaml:1:10 roles.a is declared twice. Keep one of them.',
    ])
  })

  it("the platform's own declaration is valid, and its schema for editors accepts it", () => {
    const root = join(import.meta.dirname, '..', '..', '..')
    const { documents, faults } = readDeclarations({
      directory: join(root, 'migrations', 'mongodb'),
      root,
      variables: {},
    })
    expect(faults).toEqual([])
    const reading = readDeclaration(documents)
    expect(reading).toMatchObject({ type: 'declaration' })
    const editor = z.fromJSONSchema(JSON.parse(JSON.stringify(published)))
    for (const { value } of documents) expect(editor.safeParse(value)).toMatchObject({ success: true })
    expect(editor.safeParse({ databases: { app: { colections: {} } } }).success).toBe(false)
  })

  it('has the schema that is published in schemas/ (else run "npm run generate")', () => {
    expect(jsonSchema()).toEqual(published)
  })
})
