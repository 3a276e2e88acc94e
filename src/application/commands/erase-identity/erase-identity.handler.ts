import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  PRESENCE_REPOSITORY,
  type IPresenceRepository,
} from '../../../domain/repositories/presence.repository.interface.js';
import { InstallId } from '../../../domain/value-objects/install-id.vo.js';
import { UserId } from '../../../domain/value-objects/user-id.vo.js';
import {
  IDENTITY_ERASURE,
  type ErasedRows,
  type IIdentityErasure,
} from '../../ports/identity-erasure.port.js';
import { EraseIdentityCommand, type EraseIdentityResult } from './erase-identity.command.js';

@CommandHandler(EraseIdentityCommand)
export class EraseIdentityHandler implements ICommandHandler<EraseIdentityCommand> {
  constructor(
    @Inject(PRESENCE_REPOSITORY) private readonly presence: IPresenceRepository,
    @Inject(IDENTITY_ERASURE) private readonly erasure: IIdentityErasure,
  ) {}

  /** @throws DomainException for an id that no event can have @throws ApplicationException `owner_required` */
  async execute({ kind, id, options }: EraseIdentityCommand): Promise<EraseIdentityResult> {
    const subject = toSubject(kind, id);
    await this.erasure.assertAllowed();
    // The presence goes first: while its store is unavailable, nothing is erased and the command can be repeated.
    const wasPresent = kind === 'user' && (await this.presence.removeUser(BigInt(subject.id)));
    const erased = await this.erasure.erase(subject, options);
    // Installs would name the person in another way, and an error may quote what it failed at.
    const { installs: _installs, failure, ...counts } = erased;
    if (failure === null) {
      const report = await this.erasure.storeReport(subject, { ...counts, wasPresent });
      return { ...erased, wasPresent, report };
    }
    if (!wasPresent && !hasErased(erased)) throw failure;
    const report = await this.erasure
      .storeReport(subject, { ...counts, wasPresent, isFailed: true })
      // The failure says more: most often it is the one that keeps the report from being stored as well.
      .catch(() => {
        throw failure;
      });
    return { ...erased, wasPresent, report };
  }
}

function hasErased({ events, activeDays, claims, messages, wasInDictionary }: ErasedRows): boolean {
  return events + activeDays + claims + messages > 0 || wasInDictionary;
}

function toSubject(kind: 'user' | 'install', text: string) {
  if (kind === 'user') {
    const id = UserId.fromString(text).toString();
    return { kind, id, identity: `u:${id}` } as const;
  }
  const id = InstallId.fromString(text).toString();
  return { kind, id, identity: `i:${id}` } as const;
}
