package org.imi.sdk;

/** Hears of the receipts that were asked for. */
public interface ReceiptsListener {
    void onReceipts(Receipts receipts);

    /** @param reason a name of the core's, such as no_network: ask again later */
    void onFailure(String reason);
}
