import type { StoreCheck } from '../outcome.ts'
import type { StoreSurroundings } from '../ports.ts'
import { checkArrival } from './check-arrival.ts'
import { checkReach, checkRuns } from './check-tasks.ts'
import type { DownsamplingDeclaration, InfluxDeclaration } from './declaration.ts'
import type { ObservedContent } from './observation.ts'
import type { InfluxServer } from './ports.ts'

/** Proves that points arrive where they should, and that the tasks run. */
export async function verifyInflux(
  declaration: InfluxDeclaration,
  server: InfluxServer,
  surroundings: StoreSurroundings,
): Promise<readonly StoreCheck[]> {
  const version = await server.version()
  const healthy: StoreCheck = { name: 'the server is healthy', state: 'good', seen: `InfluxDB ${version}`, next: null }
  const observation = await server.observe(declaration)
  if (observation.type !== 'content') return [healthy]
  const { content } = observation
  const checks = [healthy]
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

/** A task and both of its buckets are there. What is missing the comparison says. */
function isWhole(task: DownsamplingDeclaration, content: ObservedContent): boolean {
  const names = new Set(content.buckets.map(({ name }) => name))
  return names.has(task.from) && names.has(task.to) && content.tasks.some(({ name }) => name === task.name)
}
