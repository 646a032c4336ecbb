"""What a key may know and do: balances, fees, coins and the rights of the key itself."""

from decimal import Decimal

from pipeline.rehearsal.exchange.asking import Asking
from pipeline.rehearsal.exchange.balances import Balance
from pipeline.rehearsal.exchange.log import Json
from pipeline.rehearsal.exchange.symbols import SMALLEST
from pipeline.rehearsal.exchange.venue import Venue
from pipeline.rehearsal.exchange.wire import amount, milliseconds


def account(venue: Venue, asking: Asking) -> object:
    owner = asking.account
    fee = venue.settings.fee_ratio
    whole = int(fee * 10_000)
    rates = {"maker": amount(fee), "taker": amount(fee), "buyer": amount(Decimal(0)), "seller": amount(Decimal(0))}
    return {
        "makerCommission": whole,
        "takerCommission": whole,
        "buyerCommission": 0,
        "sellerCommission": 0,
        "commissionRates": rates,
        "canTrade": True,
        "canWithdraw": True,
        "canDeposit": False,
        "brokered": False,
        "requireSelfTradePrevention": False,
        "preventSor": False,
        "updateTime": milliseconds(venue.now()),
        "accountType": "SPOT",
        "balances": [
            {"asset": asset, "free": amount(balance.free), "locked": amount(balance.locked)}
            for asset, balance in sorted(_balances(venue, asking).items())
        ],
        "permissions": ["SPOT"],
        "uid": 1 + list(venue.accounts).index(owner.name),
    }


def trade_fee(venue: Venue, asking: Asking) -> object:
    only = asking.parameters.get("symbol")
    names = [venue.symbol(only).name] if only else list(venue.symbols)
    fee = amount(venue.settings.fee_ratio)
    return [{"symbol": name, "makerCommission": fee, "takerCommission": fee} for name in names]


def coins(venue: Venue, asking: Asking) -> object:
    """`capital/config/getall`: every asset; nothing can be deposited or withdrawn, whatever the key may do."""
    return [
        {
            "coin": asset,
            "name": asset,
            "depositAllEnable": False,
            "withdrawAllEnable": False,
            "free": amount(balance.free),
            "locked": amount(balance.locked),
            "freeze": "0",
            "withdrawing": "0",
            "ipoing": "0",
            "ipoable": "0",
            "storage": "0",
            "isLegalMoney": False,
            "trading": True,
            "networkList": [_network(asset)],
        }
        for asset, balance in sorted(_balances(venue, asking).items())
    ]


def key_rights(venue: Venue, asking: Asking) -> object:
    """`account/apiRestrictions`: what the key may do."""
    owner = asking.account
    return {
        "ipRestrict": False,
        "createTime": milliseconds(venue.now()) - 86_400_000,
        "enableReading": True,
        "enableWithdrawals": owner.may_withdraw,
        "enableInternalTransfer": False,
        "enableMargin": False,
        "enableFutures": False,
        "permitsUniversalTransfer": False,
        "enableVanillaOptions": False,
        "enableFixApiTrade": False,
        "enableFixReadOnly": False,
        "enableSpotAndMarginTrading": owner.may_trade,
        "enablePortfolioMarginTrading": False,
    }


def nothing_listed(venue: Venue, asking: Asking) -> object:
    """Margin pairs and delistings: there are none."""
    return []


def _balances(venue: Venue, asking: Asking) -> dict[str, Balance]:
    """What the account holds, and zeros for all other assets that are traded."""
    traded = {asset for symbol in venue.symbols.values() for asset in (symbol.base, symbol.quote)}
    return dict.fromkeys(traded, Balance()) | venue.books.balances(asking.account.name)


def _network(asset: str) -> Json:
    return {
        "network": "LOOPBACK",
        "coin": asset,
        "name": "Loopback",
        "isDefault": True,
        "depositEnable": False,
        "withdrawEnable": False,
        "withdrawFee": "0",
        "withdrawMin": "0",
        "withdrawMax": "0",
        "withdrawIntegerMultiple": amount(SMALLEST),
    }
