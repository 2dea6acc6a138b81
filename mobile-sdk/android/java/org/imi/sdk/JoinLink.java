package org.imi.sdk;

import java.net.URI;
import java.net.URISyntaxException;

/** A join link, https://GATEWAY/j#SESSION_ID.SECRET: the secret never reaches a server's log. */
final class JoinLink {
    final String origin;
    final String sessionId;
    final String secret;

    private JoinLink(String origin, String sessionId, String secret) {
        this.origin = origin;
        this.sessionId = sessionId;
        this.secret = secret;
    }

    /** Throws IllegalArgumentException for anything else. */
    static JoinLink parse(String link) {
        try {
            URI uri = new URI(link);
            String fragment = uri.getRawFragment();
            int dot = fragment == null ? -1 : fragment.lastIndexOf('.');
            boolean complete = "https".equals(uri.getScheme()) && uri.getHost() != null
                    && uri.getRawUserInfo() == null && "/j".equals(uri.getPath()) && dot > 0;
            String secret = complete ? fragment.substring(dot + 1) : "";
            String session = complete ? fragment.substring(0, dot) : "";
            if (!session.matches("[A-Za-z0-9_-]{1,64}") || !secret.matches("[A-Za-z0-9_-]{43}")) {
                throw new IllegalArgumentException("not a join link");
            }
            String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
            return new JoinLink("https://" + uri.getHost() + port, session, secret);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("not a join link");
        }
    }
}
