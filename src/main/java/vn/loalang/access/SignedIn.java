package vn.loalang.access;

import java.io.Serializable;
import java.security.Principal;

/**
 * Who is behind the current request.
 *
 * @param personId of the person
 * @param login name signed in with
 * @param name as others see it
 * @param credentialVersion the person's at sign-in; an older one ends the session
 */
public record SignedIn(long personId, String login, String name, int credentialVersion)
        implements Principal, Serializable {
    @Override
    public String getName() {
        return login;
    }
}
