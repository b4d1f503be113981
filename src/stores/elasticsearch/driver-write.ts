import * as z from 'zod/mini'
import { assertNever } from '../../core/tool-error.ts'
import { listAccess } from './driver-access.ts'
import { writeIndex } from './driver-indices.ts'
import { observeAlias, observeStream } from './driver-observe.ts'
import { listPipelines } from './driver-plain.ts'
import { pathOf, type Requests } from './driver-requests.ts'
import { readSnapshots, writeSnapshots } from './driver-snapshots.ts'
import { listSynonyms, writeSynonyms } from './driver-synonyms.ts'
import { isExisting } from './errors.ts'
import type { ResourceKind, SingleWrite } from './ports.ts'

/** Sends one change. What another run has already done is left as it is. */
export async function write(requests: Requests, change: SingleWrite): Promise<void> {
  const { send } = requests
  switch (change.type) {
    case 'put-policy':
      await send(`put lifecycle policy ${change.name}`, 'PUT', pathOf('_ilm', 'policy', change.name), {
        body: { policy: change.body },
      })
      return
    case 'put-component':
      await send(`put component template ${change.name}`, 'PUT', pathOf('_component_template', change.name), {
        body: change.body,
      })
      return
    case 'put-template':
      await send(`put index template ${change.name}`, 'PUT', pathOf('_index_template', change.name), {
        body: change.body,
      })
      return
    case 'create-stream':
      return unlessExisting(send(`create data stream ${change.name}`, 'PUT', pathOf('_data_stream', change.name)))
    case 'put-stream-lifecycle':
      await send(`set the lifecycle of ${change.name}`, 'PUT', pathOf('_data_stream', change.name, '_lifecycle'), {
        body: change.body,
      })
      return
    case 'create-index':
      if ((await observeAlias(requests, change.alias)) !== null) return
      return unlessExisting(
        send(`create index ${change.name}`, 'PUT', pathOf(change.name), {
          body: { aliases: { [change.alias]: { is_write_index: true } } },
        }),
      )
    case 'create-plain-index':
      return unlessExisting(writeIndex(requests, change))
    case 'change-alias':
      return writeIndex(requests, change)
    case 'put-repository':
    case 'put-snapshot-policy':
      return writeSnapshots(requests, change)
    case 'point-alias':
      await send(`let alias ${change.alias} write to ${change.index}`, 'POST', '/_aliases', {
        body: { actions: [{ add: { index: change.index, alias: change.alias, is_write_index: true } }] },
      })
      return
    case 'put-mapping':
      await send(`change the mappings of ${change.index}`, 'PUT', pathOf(change.index, '_mapping'), {
        body: change.body,
      })
      return
    case 'put-synonyms':
      return writeSynonyms(requests, change.name, change.rules)
    case 'put-pipeline':
      await send(`put ingest pipeline ${change.name}`, 'PUT', pathOf('_ingest', 'pipeline', change.name), {
        body: change.body,
      })
      return
    case 'put-cluster-settings':
      await send('change the settings of the cluster', 'PUT', '/_cluster/settings', {
        body: { persistent: change.settings },
      })
      return
    case 'put-role':
      await send(`put role ${change.name}`, 'PUT', pathOf('_security', 'role', change.name), { body: change.body })
      return
    case 'put-role-mapping':
      await send(`put role mapping ${change.name}`, 'PUT', pathOf('_security', 'role_mapping', change.name), {
        body: change.body,
      })
      return
    case 'put-user':
      await send(`put user ${change.name}`, 'PUT', pathOf('_security', 'user', change.name), {
        body: { ...change.body, ...(change.password === null ? {} : { password: change.password }) },
      })
      return
    case 'put-settings':
      return changeSettings(requests, change)
    case 'remove-resource':
      if (
        (await requests.find(`look for ${change.kind} ${change.name}`, resources[change.kind].path(change.name))) ===
        null
      )
        return
      return removeResource(requests, change.kind, change.name)
    case 'roll-over':
      return rollOver(requests, change)
    default:
      return assertNever(change)
  }
}

/** What exists already is compared by the plan that is made after the changes. */
async function unlessExisting(creating: Promise<unknown>): Promise<void> {
  try {
    await creating
  } catch (error) {
    if (!isExisting(error)) throw error
  }
}

async function changeSettings(
  requests: Requests,
  change: Extract<SingleWrite, { readonly type: 'put-settings' }>,
): Promise<void> {
  const { index } = change
  // An index that changes from one policy to another would be in a phase that the other may not have.
  if (change.changesPolicy && (await hasLifecycles(requests, index))) {
    await requests.send(`take ${index} out of its lifecycle policy`, 'POST', pathOf(index, '_ilm', 'remove'))
  }
  await requests.send(`change the settings of ${index}`, 'PUT', pathOf(index, '_settings'), { body: change.body })
}

async function hasLifecycles(requests: Requests, index: string): Promise<boolean> {
  return (await requests.find(`read the lifecycle of ${index}`, pathOf(index, '_ilm', 'explain'))) !== null
}

const rolled = z.object({ rolled_over: z.boolean() })

/** The API has no condition on the old index: it is read first. For a data stream with the alias's name, the server refuses. */
async function rollOver(
  requests: Requests,
  change: Extract<SingleWrite, { readonly type: 'roll-over' }>,
): Promise<void> {
  const read = change.series === 'stream' ? observeStream : observeAlias
  const now = await read(requests, change.name)
  if (now?.writeIndex?.name !== change.from) return
  const answer = await requests.send(`roll over ${change.name}`, 'POST', pathOf(change.name, '_rollover'), {
    repeats: 0,
  })
  if (!z.parse(rolled, answer).rolled_over) throw new Error(`${change.name} was not rolled over`)
}

const streams = z.object({ data_streams: z.array(z.object({ name: z.string() })) })
const indices = z.record(z.string(), z.unknown())
const templates = z.object({ index_templates: z.array(z.object({ name: z.string() })) })
const components = z.object({ component_templates: z.array(z.object({ name: z.string() })) })

interface Resources {
  readonly list: (requests: Requests, prefix: string) => Promise<readonly string[]>
  readonly path: (name: string) => string
}

const resources: Readonly<Record<ResourceKind, Resources>> = {
  'data stream': {
    list: async (requests, prefix) => {
      const query = { expand_wildcards: 'all' }
      const answer = await requests.find('list data streams', pathOf('_data_stream', `${prefix}*`), query)
      return answer === null ? [] : z.parse(streams, answer).data_streams.map(({ name }) => name)
    },
    path: (name) => pathOf('_data_stream', name),
  },
  index: {
    list: async (requests, prefix) => {
      const query = { expand_wildcards: 'all', flat_settings: true }
      const answer = await requests.find(
        'list indices',
        pathOf(`${prefix}*,.ds-${prefix}*`, '_settings', 'index.uuid'),
        query,
      )
      return answer === null ? [] : Object.keys(z.parse(indices, answer))
    },
    path: (name) => pathOf(name),
  },
  'index template': {
    list: async (requests, prefix) => {
      const answer = await requests.find('list index templates', pathOf('_index_template', `${prefix}*`))
      return answer === null ? [] : z.parse(templates, answer).index_templates.map(({ name }) => name)
    },
    path: (name) => pathOf('_index_template', name),
  },
  'component template': {
    list: async (requests, prefix) => {
      const answer = await requests.find('list component templates', pathOf('_component_template', `${prefix}*`))
      return answer === null ? [] : z.parse(components, answer).component_templates.map(({ name }) => name)
    },
    path: (name) => pathOf('_component_template', name),
  },
  'lifecycle policy': {
    list: async (requests) => {
      const answer = await requests.find('list lifecycle policies', '/_ilm/policy')
      return answer === null ? [] : Object.keys(z.parse(indices, answer))
    },
    path: (name) => pathOf('_ilm', 'policy', name),
  },
  'synonyms set': { list: listSynonyms, path: (name) => pathOf('_synonyms', name) },
  'ingest pipeline': { list: listPipelines, path: (name) => pathOf('_ingest', 'pipeline', name) },
  'snapshot policy': {
    list: async (requests) => [...(await readSnapshots(requests)).policies.keys()],
    path: (name) => pathOf('_slm', 'policy', name),
  },
  'snapshot repository': {
    list: async (requests) => [...(await readSnapshots(requests)).repositories.keys()],
    path: (name) => pathOf('_snapshot', name),
  },
  user: {
    list: (requests, prefix) => listAccess(requests, 'user', prefix),
    path: (name) => pathOf('_security', 'user', name),
  },
  'role mapping': {
    list: (requests, prefix) => listAccess(requests, 'role_mapping', prefix),
    path: (name) => pathOf('_security', 'role_mapping', name),
  },
  role: {
    list: (requests, prefix) => listAccess(requests, 'role', prefix),
    path: (name) => pathOf('_security', 'role', name),
  },
}

/** Names of this kind that begin with the prefix. */
export async function listResources(
  requests: Requests,
  kind: ResourceKind,
  prefix: string,
): Promise<readonly string[]> {
  const names = await resources[kind].list(requests, prefix)
  // What a data stream has lost to a reindex is named as its indices are.
  return names.filter((name) => name.startsWith(prefix) || (kind === 'index' && name.startsWith(`.ds-${prefix}`)))
}

export async function removeResource(requests: Requests, kind: ResourceKind, name: string): Promise<void> {
  await requests.send(`remove ${kind} ${name}`, 'DELETE', resources[kind].path(name))
}
