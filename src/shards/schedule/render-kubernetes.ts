import { type CronFields, longestInterval } from '../../calendar/cron.ts'
import {
  describeEnvironment,
  type RenderedFile,
  renderedMark,
  type ScheduledCommand,
  type ScheduledEnvironment,
} from './scheduled-command.ts'

/** Seconds. A start that is later than this is left to the next one. */
const [shortestDeadline, longestDeadline] = [60, 3600]

/**
 * A CronJob. It has a starting deadline: without one, the controller counts every start missed since the last run and never
 * starts again once there are more than 100.
 */
export function renderKubernetes(command: ScheduledCommand, image: string): string {
  const { name, schedule, fields, launcher, args, user, environment } = command
  const deadline = Math.min(longestDeadline, Math.max(shortestDeadline, longestInterval(fields) / 1000))
  return [
    `${renderedMark} --as kubernetes".`,
    'apiVersion: batch/v1',
    'kind: CronJob',
    'metadata:',
    `  name: ${name}`,
    'spec:',
    `  schedule: ${JSON.stringify(withoutSeven(schedule.expression, fields))}`,
    `  timeZone: ${JSON.stringify(schedule.zone === 'UTC' ? 'Etc/UTC' : schedule.zone)}`,
    '  concurrencyPolicy: Forbid',
    `  startingDeadlineSeconds: ${deadline}`,
    '  successfulJobsHistoryLimit: 3',
    '  failedJobsHistoryLimit: 3',
    '  jobTemplate:',
    '    spec:',
    '      # What failed is tried again by the next run, which finds what is still missing.',
    '      backoffLimit: 0',
    '      template:',
    '        spec:',
    '          restartPolicy: Never',
    '          # Time to finish the current statement.',
    '          terminationGracePeriodSeconds: 120',
    ...(user === null
      ? []
      : ['          securityContext:', '            runAsNonRoot: true', `            runAsUser: ${user}`]),
    '          containers:',
    '            - name: wwdb',
    `              image: ${JSON.stringify(image)}`,
    `              command: ${JSON.stringify(launcher)}`,
    `              args: ${JSON.stringify(args)}`,
    '              securityContext:',
    '                allowPrivilegeEscalation: false',
    ...kubernetesEnvironment(name, environment),
    ...secretVolume(name, environment),
    '',
  ].join('\n')
}

/** A key that is missing from the Secret keeps the container from starting. */
function kubernetesEnvironment(name: string, environment: ScheduledEnvironment): readonly string[] {
  const indent = ' '.repeat(14)
  const comment = describeEnvironment(environment, `In the Secret ${name}`).map((line) => indent + line)
  if (environment.required.length === 0) return comment
  const variables = environment.required.flatMap((variable) => [
    `${indent}  - name: ${variable}`,
    ...(namesFile(variable)
      ? [`${indent}    value: ${secretFolder}/${variable}`]
      : [
          `${indent}    valueFrom:`,
          `${indent}      secretKeyRef:`,
          `${indent}        name: ${name}`,
          `${indent}        key: ${variable}`,
        ]),
  ])
  const mount = [
    `${indent}volumeMounts:`,
    `${indent}  - name: secret-files`,
    `${indent}    mountPath: ${secretFolder}`,
    `${indent}    readOnly: true`,
  ]
  return [...comment, `${indent}env:`, ...variables, ...(environment.required.some(namesFile) ? mount : [])]
}

/** Where the files that variables name are mounted: a path of the rendering machine means nothing in a pod. */
const secretFolder = '/run/secrets/wwdb'

/** True for a variable whose value is the path of a file with a password, a token, a key or a certificate. */
export function namesFile(variable: string): boolean {
  return /^WWDB_\w*(?:_FILE|TLS_CA|TLS_CERT|TLS_KEY)$/.test(variable) && variable !== 'WWDB_LOG_FILE'
}

/** The volume with those files, each a key of the Secret with the file's content. */
function secretVolume(name: string, { required }: ScheduledEnvironment): readonly string[] {
  const files = required.filter(namesFile)
  if (files.length === 0) return []
  return [
    '          volumes:',
    '            - name: secret-files',
    '              secret:',
    `                secretName: ${name}`,
    '                defaultMode: 0440',
    '                items:',
    ...files.flatMap((variable) => [`                  - key: ${variable}`, `                    path: ${variable}`]),
  ]
}

/**
 * The Secret that the CronJob reads.
 * @param values by variable: for one that names a file, the content of that file
 */
export function renderSecret(name: string, values: ReadonlyMap<string, string>): RenderedFile {
  const lines = [
    `${renderedMark} --as kubernetes": apply it, and keep it out of version control.`,
    'apiVersion: v1',
    'kind: Secret',
    'metadata:',
    `  name: ${name}`,
    'type: Opaque',
    'stringData:',
    // A JSON string is also a YAML string.
    ...[...values].map(([variable, value]) => `  ${variable}: ${JSON.stringify(value)}`),
    '',
  ]
  return { name: `${name}-secret.yaml`, content: lines.join('\n'), mode: 0o600 }
}

/** Kubernetes knows Sunday as 0 only. */
function withoutSeven(expression: string, fields: CronFields): string {
  const texts = expression.split(/[ \t]+/)
  const weekday = texts.at(-1) ?? '*'
  return [...texts.slice(0, -1), weekday.includes('7') ? fields.daysOfWeek.join(',') : weekday].join(' ')
}
