import { SetMetadata, type CustomDecorator } from '@nestjs/common';

export const IS_ADMIN = 'isAdmin';

/** Demands one of `ADMIN_ROLES` when any are configured, else any valid token. */
export const Admin = (): CustomDecorator => SetMetadata(IS_ADMIN, true);
