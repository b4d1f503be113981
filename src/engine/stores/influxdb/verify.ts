import type { DownsamplingDeclaration, InfluxDeclaration } from '../../../domain/stores/influxdb/declaration.ts'
import type { InfluxObservation, ObservedContent } from '../../../domain/stores/influxdb/observation.ts'
import { sayCount } from '../../../domain/stores/influxdb/words.ts'
import type { StoreCheck } from '../../../domain/stores/outcome.ts'
import type { StoreSurroundings } from '../ports.ts'
import { checkArrival } from './check-arrival.ts'
import { checkReach, checkRuns } from './check-tasks.ts'
import { planInflux } from './plan.ts'
import type { InfluxServer } from './ports.ts'

/** Proves that points arrive where they should, that the tasks run, and that the server is as declared. */
export async function verifyInflux(
  declaration: InfluxDeclaration,
  server: InfluxServer,
  surroundings: StoreSurroundings,
): Promise<readonly StoreCheck[]> {
  const version = await server.version()
  const healthy: StoreCheck = { name: 'the server is healthy', state: 'good', seen: `InfluxDB ${version}`, next: null }
  const observation = await server.observe(declaration)
  const likeness = checkLikeness(declaration, observation)
  if (observation.type !== 'content') return [healthy, likeness]
  const { content } = observation
  const checks = [healthy, likeness]
  // Looked at before the proof starts runs of its own.
  for (const task of declaration.downsamplings) {
    const failure = await lastFailure(task, content, server)
    checks.push(checkRuns(task, content, surroundings.now(), failure), checkReach(task, content))
  }
  for (const task of declaration.downsamplings) {
    if (surroundings.stop.requested) break
    if (isWhole(task, content)) checks.push(await checkArrival(task, content, server, surroundings))
  }
  return checks
}

async function lastFailure(
  task: DownsamplingDeclaration,
  content: ObservedContent,
  server: InfluxServer,
): Promise<string> {
  const found = content.tasks.find(({ name }) => name === task.name)
  return found?.lastRun === 'failed' ? server.lastFailure(found.id) : ''
}

function checkLikeness(declaration: InfluxDeclaration, observation: InfluxObservation): StoreCheck {
  const name = 'everything is as declared'
  const { steps } = planInflux(declaration, observation, new Map())
  if (steps.length === 0) return { name, state: 'good', seen: 'nothing differs', next: null }
  const first = steps[0]?.change.summary ?? ''
  const seen = `${sayCount(steps.length, 'change')} to make, first: ${first}`
  return { name, state: 'bad', seen, next: 'Run "wwdb setup plan" to see all of them.' }
}

/** A task and both of its buckets are there. What is missing is told by the likeness. */
function isWhole(task: DownsamplingDeclaration, content: ObservedContent): boolean {
  const names = new Set(content.buckets.map(({ name }) => name))
  return names.has(task.from) && names.has(task.to) && content.tasks.some(({ name }) => name === task.name)
}
