import * as z from 'zod/mini'
import { pathOf, type Requests } from './driver-requests.ts'
import { readSynonyms } from './driver-synonyms.ts'
import type { ObservedPlain, WantedPlain } from './plain-ports.ts'

const json = z.record(z.string(), z.unknown())
const pipelines = z.record(z.string(), json)
const settings = z.object({ persistent: json })

/** Reads what is declared of synonyms sets, pipelines and settings of the cluster; nothing is requested where nothing is. */
export async function observePlain(requests: Requests, wanted: WantedPlain): Promise<ObservedPlain> {
  const [sets, found, clusterSettings] = await Promise.all([
    Promise.all(wanted.synonyms.map(async (name) => [name, await readSynonyms(requests, name)] as const)),
    Promise.all(wanted.pipelines.map(async (name) => [name, await readPipeline(requests, name)] as const)),
    wanted.clusterSettings ? readClusterSettings(requests) : {},
  ])
  const present = found.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]))
  const synonyms = new Map(sets.flatMap(([name, rules]) => (rules === null ? [] : [[name, rules] as const])))
  return { synonyms, pipelines: new Map(present), clusterSettings }
}

async function readPipeline(requests: Requests, name: string) {
  const answer = await requests.find(`read ingest pipeline ${name}`, pathOf('_ingest', 'pipeline', name))
  return answer === null ? null : (z.parse(pipelines, answer)[name] ?? null)
}

export async function readClusterSettings(requests: Requests) {
  const answer = await requests.get('read the settings of the cluster', '/_cluster/settings', { flat_settings: true })
  return z.parse(settings, answer).persistent
}

export async function listPipelines(requests: Requests, prefix: string): Promise<readonly string[]> {
  const answer = await requests.find('list ingest pipelines', pathOf('_ingest', 'pipeline', `${prefix}*`))
  return answer === null ? [] : Object.keys(z.parse(pipelines, answer))
}
