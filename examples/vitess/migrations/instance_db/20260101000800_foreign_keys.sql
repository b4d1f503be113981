-- wwdb:when platform=mysql

-- migrate:up
ALTER TABLE `instance_configs`
  ADD CONSTRAINT `fk_instance_configs_instance_id` FOREIGN KEY (`instance_id`) REFERENCES `wework_instances` (`id`) ON DELETE CASCADE;

ALTER TABLE `wework_accounts`
  ADD CONSTRAINT `fk_wework_accounts_instance_id` FOREIGN KEY (`instance_id`) REFERENCES `wework_instances` (`id`) ON DELETE CASCADE;

-- migrate:down
ALTER TABLE `wework_accounts`
  DROP FOREIGN KEY `fk_wework_accounts_instance_id`;

ALTER TABLE `instance_configs`
  DROP FOREIGN KEY `fk_instance_configs_instance_id`;
