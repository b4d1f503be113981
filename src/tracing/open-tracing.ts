import { defaultTextMapGetter, ROOT_CONTEXT } from '@opentelemetry/api'
import { type ExportResult, ExportResultCode, W3CTraceContextPropagator } from '@opentelemetry/core'
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources'
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  type ReadableSpan,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-base'
import type { Tracing, TracingRequest } from './if-asked.ts'
import { RunSpans } from './run-spans.ts'

/** Milliseconds that a collector which does not answer may delay the end of a run. */
const longestWait = 3000

/** Reads the OTEL_* variables as the SDK does. Throws where they cannot be used. */
export function openTracing({ environment, identity, redact }: TracingRequest): Tracing {
  const exporter = new WatchedExporter(makeExporter(environment))
  const own = resourceFromAttributes({ 'service.name': 'wwdb', 'service.version': identity.toolVersion })
  const provider = new BasicTracerProvider({
    resource: own.merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  })
  const carrier = { traceparent: environment['TRACEPARENT'], tracestate: environment['TRACESTATE'] }
  const spans = new RunSpans({
    tracer: provider.getTracer('wwdb', identity.toolVersion),
    parent: new W3CTraceContextPropagator().extract(ROOT_CONTEXT, carrier, defaultTextMapGetter),
    identity,
    redact,
    now: () => performance.timeOrigin + performance.now(),
  })
  return {
    observe: (event) => spans.observe(event),
    end: async (ended, exitCode) => {
      spans.end(ended, exitCode)
      const isSent = await within(longestWait, provider.forceFlush())
      const { failure } = exporter
      if (isSent && failure === null) return null
      const why = failure ?? `the collector did not answer within ${longestWait / 1000} seconds`
      return `The spans of this run could not be sent to the collector set in OTEL_EXPORTER_OTLP_ENDPOINT: ${why.replace(/\.$/, '')}.`
    },
  }
}

function makeExporter(environment: TracingRequest['environment']): SpanExporter {
  const read = (name: string): string | undefined =>
    environment[`OTEL_EXPORTER_OTLP_TRACES_${name}`] ?? environment[`OTEL_EXPORTER_OTLP_${name}`]
  const timeout = Number(read('TIMEOUT') ?? longestWait)
  const settings = { timeoutMillis: timeout > 0 ? Math.min(timeout, longestWait) : longestWait }
  const protocol = read('PROTOCOL') ?? 'http/protobuf'
  if (protocol === 'http/json') return new JsonExporter(settings)
  if (protocol === 'http/protobuf') return new ProtobufExporter(settings)
  throw new Error(`OTEL_EXPORTER_OTLP_PROTOCOL is \`${protocol}\`; supported are \`http/protobuf\` and \`http/json\``)
}

/** Remembers whether everything that was sent arrived. */
class WatchedExporter implements SpanExporter {
  readonly #exporter: SpanExporter
  failure: string | null = null

  constructor(exporter: SpanExporter) {
    this.#exporter = exporter
  }

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.#exporter.export(spans, (result) => {
      if (result.code !== ExportResultCode.SUCCESS) this.failure = result.error?.message ?? 'the collector refused them'
      done(result)
    })
  }

  forceFlush(): Promise<void> {
    return this.#exporter.forceFlush?.() ?? Promise.resolve()
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown()
  }
}

/** True where the work was finished in time. */
async function within(milliseconds: number, work: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), milliseconds)
  })
  const done = work.then(
    () => true,
    () => true,
  )
  return Promise.race([done, late]).finally(() => clearTimeout(timer))
}
