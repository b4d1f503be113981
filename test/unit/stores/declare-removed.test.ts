import { expect, test } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { ToolError } from '../../../src/core/tool-error.ts'
import type { StoreParts } from '../../../src/stores/contract.ts'
import type { DeclarationDocument } from '../../../src/stores/declare/read-declarations.ts'
import { declareRemoved } from '../../../src/stores/declare-removed.ts'
import { toItem } from '../../../src/stores/import-items.ts'
import { parts } from '../../../src/stores/redis/index.ts'
import type { StoreResource } from '../../../src/stores/store-plan.ts'

/** What is declared where reading the contents fails like this. */
function declareWhere(error: Error) {
  const config: Parameters<typeof parts.connect>[0] = JSON.parse('{}')
  const reading = parts.readDeclaration([], config)
  if (reading.type === 'faults') throw new Error('an empty folder has faults')
  const { declaration } = reading
  const failing = {
    ...parts,
    readContents: async (): Promise<never> => {
      throw error
    },
  }
  const opened = {
    declaration,
    prefix: '',
    server: 'redis.test:1',
    user: null,
    driver: JSON.parse('{}'),
    run: JSON.parse('{}'),
  }
  return declareRemoved(failing, { config, documents: [], opened, named: (one) => one }, [library])
}

const library = { kind: 'function library', name: 'shop' }

test('what this user may not read is lost, with the reason', async () => {
  const denied = new ToolError('STORE_ACCESS_DENIED', { what: 'no rights' }, { exitCode: 69 })
  expect(await declareWhere(denied)).toEqual({
    text: null,
    declared: [],
    variables: [],
    incomplete: [],
    lost: [{ resource: library, why: 'no rights' }],
  })
})

test.each(['STORE_UNREACHABLE', 'STORE_REFUSED'] as const)(
  '%s ends the run: it may succeed the next time',
  async (code) => {
    await expect(declareWhere(new ToolError(code, { what: 'too many requests' }))).rejects.toMatchObject({ code })
  },
)

/** A store of tasks that name buckets; a file has to declare these. */
function taskStore(server: { readonly tasks: Readonly<Record<string, string>>; readonly buckets: readonly string[] }) {
  type Declared = { readonly tasks: Readonly<Record<string, string>>; readonly buckets: readonly string[] }
  const resourcesOf = ({ tasks, buckets }: Declared): StoreResource[] => [
    ...Object.keys(tasks).map((name) => ({ kind: 'task', name })),
    ...buckets.map((name) => ({ kind: 'bucket', name })),
  ]
  const read = (documents: readonly DeclarationDocument[]): Declared => {
    const sections = documents.map(({ value }) => JSON.parse(JSON.stringify(value ?? {})))
    return {
      tasks: Object.assign({}, ...sections.map((one) => one.tasks)),
      buckets: sections.flatMap((one) => Object.keys(one.buckets ?? {})),
    }
  }
  const driver = { close: async () => undefined }
  const refuse = (): never => {
    throw new Error('not part of this test')
  }
  const store: StoreParts<Declared, null, null, typeof driver> = {
    kind: 'redis',
    readDeclaration: (documents) => {
      const declaration = read(documents)
      const faults = documents.flatMap(({ locate }) =>
        Object.entries(declaration.tasks).flatMap(([name, from]) =>
          declaration.buckets.includes(from) ? [] : [{ what: `${from} is not declared`, ...locate(['tasks', name]) }],
        ),
      )
      return faults.length > 0 ? { type: 'faults', faults } : { type: 'declaration', declaration }
    },
    prefixNames: (declaration) => declaration,
    connect: async () => driver,
    observe: async () => null,
    plan: ({ declaration }) => ({
      version: null,
      notes: [],
      changes: [],
      findings: [],
      unchanged: resourcesOf(declaration).filter(({ kind, name }) =>
        kind === 'task' ? server.tasks[name] === declaration.tasks[name] : server.buckets.includes(name),
      ),
    }),
    lockPlace: refuse,
    guardWrites: (one) => one,
    applyOperation: refuse,
    readContents: async () => ({
      version: null,
      items: [
        ...server.buckets.map((name) => toItem({ kind: 'bucket', name }, 'buckets', ['buckets', name], {})),
        ...Object.entries(server.tasks).map(([name, from]) =>
          toItem({ kind: 'task', name }, 'tasks', ['tasks', name], from),
        ),
      ],
      notDeclarable: [],
    }),
    verify: refuse,
    clear: refuse,
    explainError: (error) => (error instanceof Error ? error : new Error('unknown')),
    sandbox: refuse,
  }
  const opened = {
    declaration: { tasks: {}, buckets: [] },
    prefix: '',
    server: 'tasks.test:1',
    user: null,
    driver,
    run: JSON.parse('{}'),
  }
  return (removed: readonly StoreResource[], documents: readonly DeclarationDocument[] = []) =>
    declareRemoved(store, { config: JSON.parse('{}'), documents, opened, named: (one) => one }, removed)
}

test('what a removed one names and no file declares either is written beside it, apart from what is brought back', async () => {
  const declare = taskStore({ tasks: { hourly: 'hot', other: 'cold' }, buckets: ['hot', 'cold'] })
  const { text, lost, declared } = await declare([{ kind: 'task', name: 'hourly' }])
  expect({ lost, declared }).toEqual({ lost: [], declared: [{ kind: 'task', name: 'hourly' }] })
  expect(parseYaml(text ?? '')).toEqual({
    tasks: { hourly: 'hot' },
    buckets: { hot: {} },
    restore: {
      resources: [{ at: ['tasks', 'hourly'], resources: [{ kind: 'task', name: 'hourly' }] }],
      context: [{ at: ['buckets', 'hot'], resources: [{ kind: 'bucket', name: 'hot' }] }],
    },
  })
})

test('what it names and does not exist leaves it lost, and no context without it', async () => {
  const declare = taskStore({ tasks: { hourly: 'gone' }, buckets: ['hot'] })
  const { text, lost } = await declare([{ kind: 'task', name: 'hourly' }])
  expect({ text, lost }).toMatchObject({ text: null, lost: [{ why: expect.stringContaining('gone is not declared') }] })
})
