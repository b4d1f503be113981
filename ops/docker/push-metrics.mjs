// node push-metrics.mjs FILE: gives a file of `--metrics` to the Pushgateway of PUSHGATEWAY_URL, under the job of JOB. For pods, which leave no file
// to a collector. A Pushgateway keeps the numbers: wwdb_shard_check_timestamp_seconds shows how old they are.
import { readFileSync } from 'node:fs'
import { env, exit, stderr } from 'node:process'

const [, , file] = process.argv
const { PUSHGATEWAY_URL: gateway, JOB: job = 'wwdb' } = env
if (file === undefined || gateway === undefined) {
  stderr.write('Give the file of the metrics, and PUSHGATEWAY_URL in the environment.\n')
  exit(64)
}
const url = new URL(`metrics/job/${encodeURIComponent(job)}`, gateway.endsWith('/') ? gateway : `${gateway}/`)
const answer = await fetch(url, { method: 'PUT', body: readFileSync(file), signal: AbortSignal.timeout(10_000) })
if (!answer.ok) {
  stderr.write(`The Pushgateway at ${url.host} answered ${answer.status}.\n`)
  exit(2)
}
