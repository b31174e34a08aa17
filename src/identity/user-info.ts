/** A Kubernetes user, as in the TokenReview API; absent strings are empty, absent lists and maps are empty. */
export interface UserInfo {
  readonly username: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: ReadonlyMap<string, readonly string[]>;
}
