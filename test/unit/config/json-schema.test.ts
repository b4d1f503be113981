import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import published from '../../../schemas/config.schema.json' with { type: 'json' }
import { configJsonSchema } from '../../../src/config/json-schema.ts'

/** Reads the published document as an editor would: from the JSON alone, without the schema it was made from. */
const editor = z.fromJSONSchema(JSON.parse(JSON.stringify(published)))

const databases = { app: {} }

describe('the JSON Schema of the configuration', () => {
  it('is the one published in schemas/ (else run "npm run generate")', () => {
    expect(configJsonSchema()).toEqual(published)
  })

  it.each([
    [{ databases: { app: { url: 'mysql://root@127.0.0.1:3306/app', migrations: 'migrations/app' } } }],
    [{ $schema: './x.json', databases: { User_DB2: {} } }],
    [{ databases, references: 'auto', outOfOrder: 'warn', concurrency: 5, prefix: 'pr_' }],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference of the configuration
    [{ databases, references: '${REFERENCES:-auto}', timeouts: { lock: '${LOCK}' } }],
    [{ databases, timeouts: { connect: '10s', lock: '0', lockWait: '5s', statement: 'none' } }],
    [{ databases, tls: 'required', allowPublicKeyRetrieval: true }],
    [{ databases, tls: { ca: 'a', cert: 'b', key: 'c', verify: false } }],
    [
      {
        databases,
        environments: { prod: { protected: true, url: 'mysql://u@h', databases: { app: { schema: 'x' } } } },
      },
    ],
    [{ databases, sandbox: { directory: 'x', port: 3307, url: 'mysql://u@h' } }],
    [{ databases: { app: { templates: 't' } }, rotation: { schedule: '17 * * * *', archive: 'a', connections: 4 } }],
    [
      {
        databases,
        environments: { prod: { rotation: { families: { messages: { keep: '1 year', cap: 3, view: 'none' } } } } },
      },
    ],
  ])('accepts %j', (document) => {
    expect(editor.safeParse(document).success).toBe(true)
  })

  it.each([
    [{}],
    [{ databases: [] }],
    [{ databases: { app: { urll: '' } } }],
    [{ databases: { '9x': {} } }],
    [{ databases, timeouts: { lock: 5 } }],
    [{ databases, timeouts: { lock: '5' } }],
    [{ databases, references: 'fysical' }],
    [{ databases, concurrency: 0 }],
    [{ databases, tls: 'verify' }],
    [{ databases, protected: true }],
    [{ databases, rotation: { schedul: '17 * * * *' } }],
    [{ databases, rotation: { connections: 0 } }],
    [{ databases, rotation: { families: { messages: { keep: 24 } } } }],
    [{ databases, rotation: { families: { messages: { reference: '(a) b.c(d)' } } } }],
    [{ databases, environments: { prod: { environments: {} } } }],
  ])('refuses %j', (document) => {
    expect(editor.safeParse(document).success).toBe(false)
  })
})
