-- wwdb:when platform=mysql

-- migrate:up
ALTER TABLE `message_receivers`
  ADD CONSTRAINT `fk_message_receivers_task_id` FOREIGN KEY (`task_id`) REFERENCES `message_tasks` (`id`) ON DELETE CASCADE;

-- migrate:down
ALTER TABLE `message_receivers`
  DROP FOREIGN KEY `fk_message_receivers_task_id`;
