import type { InfluxDB } from '@influxdata/influxdb-client'
import {
  BucketsAPI,
  ChecksAPI,
  type Label,
  LabelsAPI,
  NotificationEndpointsAPI,
  NotificationRulesAPI,
  TasksAPI,
} from '@influxdata/influxdb-client-apis'
import { assertNever } from '../../core/tool-error.ts'
import type { InfluxPlace } from './driver-connection.ts'
import { statusOf } from './errors.ts'
import { isOwnLabel } from './labels.ts'
import type { LabeledResource, LabelWrite, ObservedLabel } from './ports.ts'

export async function readLabels({ ask }: InfluxPlace, orgID: string): Promise<readonly ObservedLabel[]> {
  return ask('Listing the labels', async (client) => {
    const { labels = [] } = await new LabelsAPI(client).getLabels({ orgID })
    return labels.map(toLabel).filter(({ name }) => !isOwnLabel(name))
  })
}

function toLabel({ id = '', name = '', properties = {} }: Label): ObservedLabel {
  const { color = '', description = '' } = properties as { readonly color?: string; readonly description?: string }
  return { id, name, color, description }
}

/** The ids of the labels in an answer about a resource. */
export function labelIds({ labels = [] }: { readonly labels?: readonly Label[] | undefined }): readonly string[] {
  return labels.map(({ id = '' }) => id)
}

/** A killed run leaves a label that is not everywhere yet: the next one sees where it is missing. */
export async function writeLabel({ ask }: InfluxPlace, change: LabelWrite): Promise<void> {
  const { organizationId, id, label, attach, detach } = change
  const { name, color, description } = label
  const properties = { ...(color === null ? {} : { color }), ...(description === null ? {} : { description }) }
  const labelID = await ask(`Writing label ${name}`, async (client) => {
    const api = new LabelsAPI(client)
    if (id !== null) {
      await api.patchLabelsID({ labelID: id, body: { name, properties } })
      return id
    }
    const made = await api.postLabels({ body: { orgID: organizationId, name, properties } })
    return made.label?.id ?? ''
  })
  // What does not exist yet is labeled by the next round.
  for (const one of attach.filter((found) => found.id !== '')) {
    await ask(`Labeling ${one.kind} ${one.name}`, async (client) => {
      try {
        await attachLabel(client, one, labelID)
      } catch (error) {
        // It has the label already.
        if (statusOf(error) !== 422) throw error
      }
    })
  }
  for (const one of detach) {
    await ask(`Taking the label from ${one.kind} ${one.name}`, (client) => detachLabel(client, one, labelID))
  }
}

function attachLabel(client: InfluxDB, { kind, id }: LabeledResource, labelID: string): Promise<unknown> {
  const body = { labelID }
  switch (kind) {
    case 'buckets':
      return new BucketsAPI(client).postBucketsIDLabels({ bucketID: id, body })
    case 'tasks':
      return new TasksAPI(client).postTasksIDLabels({ taskID: id, body })
    case 'checks':
      return new ChecksAPI(client).postChecksIDLabels({ checkID: id, body })
    case 'notificationEndpoints':
      return new NotificationEndpointsAPI(client).postNotificationEndpointIDLabels({ endpointID: id, body })
    case 'notificationRules':
      return new NotificationRulesAPI(client).postNotificationRuleIDLabels({ ruleID: id, body })
    default:
      return assertNever(kind)
  }
}

function detachLabel(client: InfluxDB, { kind, id }: LabeledResource, labelID: string): Promise<void> {
  switch (kind) {
    case 'buckets':
      return new BucketsAPI(client).deleteBucketsIDLabelsID({ bucketID: id, labelID })
    case 'tasks':
      return new TasksAPI(client).deleteTasksIDLabelsID({ taskID: id, labelID })
    case 'checks':
      return new ChecksAPI(client).deleteChecksIDLabelsID({ checkID: id, labelID })
    case 'notificationEndpoints':
      return new NotificationEndpointsAPI(client).deleteNotificationEndpointsIDLabelsID({ endpointID: id, labelID })
    case 'notificationRules':
      return new NotificationRulesAPI(client).deleteNotificationRulesIDLabelsID({ ruleID: id, labelID })
    default:
      return assertNever(kind)
  }
}

export async function removeLabel({ ask }: InfluxPlace, labelID: string): Promise<void> {
  await ask('Removing a label', (client) => new LabelsAPI(client).deleteLabelsID({ labelID }))
}
