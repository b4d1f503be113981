import type { RunIdentity } from '../audit/run-identity.ts'
import type { Emit } from '../command/event.ts'
import type { RunSpans } from './run-spans.ts'

/** What the tracing of a run is made from. */
export interface TracingRequest {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly identity: RunIdentity
  readonly redact: (text: string) => string
}

/** The spans of a run, on their way to a collector. */
export interface Tracing {
  readonly observe: RunSpans['observe']
  /** Sends what is left, within a time limit; returns what to warn about. Never throws. */
  readonly end: (...ended: Parameters<RunSpans['end']>) => Promise<string | null>
}

/**
 * The spans of a run, where OTEL_* names a collector; null without one, and then nothing of OpenTelemetry is loaded. What cannot be used is a warning: a run
 * never fails by its tracing.
 */
export async function openTracingIfAsked(request: TracingRequest, emit: Emit): Promise<Tracing | null> {
  if (!isAsked(request.environment)) return null
  try {
    const { openTracing } = await import('./open-tracing.ts')
    return openTracing(request)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    emit({ type: 'warning', message: `This run is not traced: ${why.replace(/\.$/, '')}.`, target: null })
    return null
  }
}

function isAsked(environment: TracingRequest['environment']): boolean {
  const read = (name: string): string => environment[name]?.trim() ?? ''
  if (read('OTEL_SDK_DISABLED').toLowerCase() === 'true') return false
  const exporters = read('OTEL_TRACES_EXPORTER')
  if (exporters !== '' && !exporters.split(',').some((name) => name.trim() === 'otlp')) return false
  return read('OTEL_EXPORTER_OTLP_ENDPOINT') !== '' || read('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT') !== ''
}
