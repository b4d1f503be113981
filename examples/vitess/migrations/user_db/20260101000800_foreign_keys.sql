-- wwdb:when platform=mysql

-- migrate:up
ALTER TABLE `user_roles`
  ADD CONSTRAINT `fk_user_roles_user_id` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`) ON DELETE CASCADE,
  ADD CONSTRAINT `fk_user_roles_role_id` FOREIGN KEY (`role_id`) REFERENCES `roles` (`id`) ON DELETE CASCADE;

ALTER TABLE `role_permissions`
  ADD CONSTRAINT `fk_role_permissions_role_id` FOREIGN KEY (`role_id`) REFERENCES `roles` (`id`) ON DELETE CASCADE,
  ADD CONSTRAINT `fk_role_permissions_permission_id` FOREIGN KEY (`permission_id`) REFERENCES `permissions` (`id`) ON DELETE CASCADE;

ALTER TABLE `user_sessions`
  ADD CONSTRAINT `fk_user_sessions_user_id` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`) ON DELETE CASCADE;

ALTER TABLE `login_logs`
  ADD CONSTRAINT `fk_login_logs_user_id` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`) ON DELETE SET NULL;

-- migrate:down
ALTER TABLE `login_logs`
  DROP FOREIGN KEY `fk_login_logs_user_id`;

ALTER TABLE `user_sessions`
  DROP FOREIGN KEY `fk_user_sessions_user_id`;

ALTER TABLE `role_permissions`
  DROP FOREIGN KEY `fk_role_permissions_role_id`,
  DROP FOREIGN KEY `fk_role_permissions_permission_id`;

ALTER TABLE `user_roles`
  DROP FOREIGN KEY `fk_user_roles_user_id`,
  DROP FOREIGN KEY `fk_user_roles_role_id`;
