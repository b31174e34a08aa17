export type { UserInfo } from './identity/user-info.ts';
